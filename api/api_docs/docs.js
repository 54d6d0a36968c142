/** The interactive documentation: Swagger UI on this service's own OpenAPI document, and who its requests are sent as. */

/** @type {any} loaded before this script */
const SwaggerUIBundle = Reflect.get(window, "SwaggerUIBundle");

const UNREACHABLE = "The service cannot be reached. Reload this page once it answers.";
const SIGNED_OUT = "This browser is not signed in. Authorize with a key, or sign in on the page, to try requests.";
const COOKIE_SCHEME = "sign_in";

/**
 * Remove the sign-in cookie from the ways to authorize: the browser sends it by itself, and no page can set it.
 * @param {any} spec an OpenAPI document
 */
function removeCookieScheme(spec) {
  delete spec.components.securitySchemes[COOKIE_SCHEME];
  for (const operations of Object.values(spec.paths))
    for (const operation of Object.values(operations))
      operation.security = operation.security?.filter((/** @type {object} */ scheme) => !(COOKIE_SCHEME in scheme));
  return spec;
}

/** Describe who sends the requests of this page without a key. */
async function describeCaller() {
  const response = await fetch("v1/me");
  if (!response.ok) return SIGNED_OUT;
  const { owner } = await response.json();
  return `Requests are sent as ${owner}, or as the owner of the key that you authorize with.`;
}

/** @param {string} text */
function showCaller(text) {
  const caller = document.getElementById("caller");
  if (caller) caller.textContent = text;
}

async function start() {
  const response = await fetch("openapi.json");
  SwaggerUIBundle({
    spec: removeCookieScheme(await response.json()),
    dom_id: "#docs",
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: "list",
    filter: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: 0,
    validatorUrl: null, // the validator is on another host
  });
  showCaller(await describeCaller());
}

start().catch(() => showCaller(UNREACHABLE));
