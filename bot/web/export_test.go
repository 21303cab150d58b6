package web

// Target is where a login may lead.
var Target = target
