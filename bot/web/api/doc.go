// Package api holds the words of the JSON API: what is asked, what is answered, one
// table of all endpoints, and the OpenAPI document that is made of them. Server and
// command line share them. It never reads a store and never sends anything.
//
// Names are lowerCamelCase, times RFC 3339 in UTC, statuses CodePipeline's words. A
// field is never given another meaning; new ones may be added, so readers ignore
// those that they do not know. Texts are as somebody wrote them: whoever shows them
// makes them safe for the place.
package api
