"""What a request may do before it reaches a route: origin, trust of this machine, rates, revoked sign-ins."""
