/** A clip that is still being recorded: its parts so far, in place of a file. */

/** Dispatches "growth" after each part, and when it is complete. */
export class GrowingFile extends EventTarget {
  /** @param {string} type media type */
  constructor(type) {
    super();
    this.blob = new Blob([], { type });
    this.isComplete = false;
  }

  get size() {
    return this.blob.size;
  }

  /**
   * Get some of the bytes.
   * @param {number} [start]
   * @param {number} [end]
   */
  slice(start, end) {
    return this.blob.slice(start, end);
  }

  /**
   * Add the next part.
   * @param {Blob} part
   */
  append(part) {
    this.blob = new Blob([this.blob, part], { type: this.blob.type });
    this.dispatchEvent(new Event("growth"));
  }

  /** Declare that no more parts come. */
  complete() {
    this.isComplete = true;
    this.dispatchEvent(new Event("growth"));
  }
}
