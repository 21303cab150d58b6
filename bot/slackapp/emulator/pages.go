package emulator

import "net/http"

func (s *Slack) pageRoutes(mux *http.ServeMux) {}
