package githubapp

import (
	"mime"
	"net/url"

	"github.com/penstock-cd/penstock/pipeline"
)

// Payload takes the JSON out of a delivery's body, which GitHub sends as it is or
// as the field "payload" of a form, as the hook is set up. Verify the signature
// first, of the body.
func Payload(contentType string, body []byte) ([]byte, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, pipeline.Errorf(pipeline.Invalid, "the delivery's content type %q is malformed", clip(contentType, 100))
	}
	switch kind {
	case "application/json":
		return body, nil
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil || form.Get("payload") == "" {
			return nil, pipeline.Errorf(pipeline.Invalid, "the delivery is a form without a payload")
		}
		return []byte(form.Get("payload")), nil
	}
	return nil, pipeline.Errorf(pipeline.Invalid, "the delivery's content type %q is neither JSON nor a form", clip(contentType, 100))
}
