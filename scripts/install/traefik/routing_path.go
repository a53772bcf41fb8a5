package mux

type routingPathKey struct{}

// RoutingPathKey is the context key under which Traefik keeps the path it routes by.
var RoutingPathKey = routingPathKey{}

// UseRoutingPath returns the router as it is; only rules in Traefik's version 2 syntax would need more.
func (r *Router) UseRoutingPath() *Router { return r }
