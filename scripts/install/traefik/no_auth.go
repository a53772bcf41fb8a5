package auth

import "net/http"

// CheckSecret refuses every password: a Traefik for tests lets nobody in by password.
func CheckSecret(_, _ string) bool { return false }

// RequireAuthStale asks for authentication anew.
func (a *DigestAuth) RequireAuthStale(w http.ResponseWriter, r *http.Request) { a.RequireAuth(w, r) }
