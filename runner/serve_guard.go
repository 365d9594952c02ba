package main

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// guard lets only those requests through that a page of this server, or a person
// who typed its address, would make. Without it any page in the same browser could
// read results: by a name of its own that it lets point here (DNS rebinding), or by
// asking across origins.
type guard struct {
	// hosts says whether a request may name this host, with its port.
	hosts func(host string) bool
	// posts allows pages of the server to send it something.
	posts bool
	// refuse answers what is refused; http.Error where it is nil.
	refuse func(w http.ResponseWriter, text string, code int)
	// command is what runs here, for people.
	command string
}

// allowedHosts are the names of this machine itself, what was listened on, and
// what the user adds. Where every address is listened on, any address will do: a
// foreign page can lend its name, but not an address.
func allowedHosts(at *net.TCPAddr, more []string) func(string) bool {
	names := map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, at.IP.String(): true}
	for _, name := range more {
		names[strings.ToLower(name)] = true
	}
	if name, err := os.Hostname(); err == nil && !at.IP.IsLoopback() {
		names[strings.ToLower(name)] = true
	}
	return func(host string) bool {
		name, port, err := net.SplitHostPort(host)
		if err != nil { // no port: that of HTTP, or a proxy's
			name, port = strings.Trim(host, "[]"), ""
		}
		name = strings.ToLower(name)
		known := names[name] || at.IP.IsUnspecified() && net.ParseIP(name) != nil
		theirs := func() bool { // names that the user adds may have the port of a proxy
			for _, m := range more {
				if strings.EqualFold(m, name) {
					return true
				}
			}
			return false
		}
		return known && (port == strconv.Itoa(at.Port) || port == "" && at.Port == 80 || theirs())
	}
}

// around refuses what is not ours, and tells browsers to do so as well.
func (g guard) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		refuse := g.refuse
		if refuse == nil {
			refuse = http.Error
		}
		switch {
		case !g.hosts(r.Host):
			refuse(w, "this server does not answer to that name; see runner "+g.command+" --host", http.StatusForbidden)
		case !g.sameOrigin(r):
			refuse(w, "pages of other origins may not ask this server", http.StatusForbidden)
		case !reads(r) && !(g.posts && r.Method == http.MethodPost):
			h.Set("Allow", "GET, HEAD")
			refuse(w, "this server only reads", http.StatusMethodNotAllowed)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// reads says whether a request changes nothing by its method.
func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// sameOrigin refuses what the page of another origin asks. A link there that a
// person follows is a navigation, and no script can read what comes of it.
func (g guard) sameOrigin(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || !g.hosts(u.Host) {
			return false
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return reads(r) && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	}
	return true
}
