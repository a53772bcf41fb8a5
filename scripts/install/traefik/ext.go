// Package ext is where Traefik's editions add to its configuration; this one adds nothing.
package ext

// HTTP adds nothing to the HTTP configuration.
type HTTP struct{}

// Router adds nothing to a router.
type Router struct{}
