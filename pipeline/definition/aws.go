package definition

import (
	"regexp"
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// awsOnly checks the keys of a pipeline that have a meaning on AWS only.
func (r *reader) awsOnly(root *node, values map[string]*node) {
	one, many := values["artifactStore"], values["artifactStores"]
	if one != nil && many != nil {
		r.bad(many, "keep one of the two", "`artifactStore` and `artifactStores` stand together")
	}
	if one != nil {
		r.artifactStore(one)
		r.tell("artifactStore", one, "artifacts are kept by the server")
	}
	if many != nil {
		if many.kind != kindMap || len(many.fields) == 0 {
			r.bad(many, "", "must be a map of regions to stores")
			return
		}
		for _, f := range many.fields {
			r.artifactStore(f.value)
		}
		r.tell("artifactStore", many, "artifacts are kept by the server")
		missing := map[string]bool{}
		for _, region := range r.regions {
			if !many.has(region.text) && !missing[region.text] {
				missing[region.text] = true
				r.bad(many, "", "has no store for the region %s, which an action names in line %d", quote(region.text), region.at.line)
			}
		}
	}
	if n := values["version"]; n != nil {
		r.integer(n, 1, 1<<30)
	}
	if n := values["pipelineType"]; n != nil {
		if word, ok := r.enum(n, "V1", "V2"); ok && word == "V1" {
			r.needsV2(n, values)
		}
	}
}

// needsV2 reports what a pipeline of type V1 cannot have.
func (r *reader) needsV2(n *node, values map[string]*node) {
	var found []string
	for _, key := range []string{"triggers", "variables"} {
		if v := values[key]; v != nil && len(v.items)+len(v.fields) > 0 {
			found = append(found, key)
		}
	}
	if r.mode != pipeline.ModeSuperseded {
		found = append(found, "executionMode")
	}
	for _, stage := range values["stages"].list() {
		for _, key := range []string{"beforeEntry", "onSuccess", "onFailure"} {
			if stage.has(key) && !slices.Contains(found, key) {
				found = append(found, key)
			}
		}
	}
	if len(found) > 0 {
		r.bad(n, "write V2, or leave it out", "V1 has no %s", list(found, "and"))
	}
}

func (r *reader) artifactStore(n *node) {
	values := r.object(n, artifactStoreGrammar())
	r.missing(n, "type", "")
	r.missing(n, "location", "")
	if v := values["type"]; v != nil {
		r.enum(v, "S3")
	}
	if v := values["location"]; v != nil {
		if s, ok := r.word(v, ".-", 63); ok && len(s) < 3 {
			r.bad(v, "", "must be the name of a bucket, 3 to 63 characters")
		}
	}
	if v := values["encryptionKey"]; v != nil {
		key := r.object(v, encryptionKeyGrammar())
		r.missing(v, "id", "")
		r.missing(v, "type", "")
		if id := key["id"]; id != nil {
			r.line(id, 400)
		}
		if t := key["type"]; t != nil {
			r.enum(t, "KMS")
		}
	}
}

// withoutEffect checks roleArn and region, and says once that they have no effect.
func (r *reader) withoutEffect(values map[string]*node, keys ...string) {
	for _, key := range keys {
		n := values[key]
		if n == nil {
			continue
		}
		s, ok := r.line(n, 1024)
		switch {
		case !ok:
		case key == "roleArn" && !regexp.MustCompile(`^arn:aws(-\w+)*:iam::[0-9]{12}:role/.+$`).MatchString(s):
			r.bad(n, "write arn:aws:iam::<account>:role/<name>, or remove it", "%s is not the ARN of a role", quote(s))
		case key == "roleArn":
			r.tell(key, n, "credentials belong to connections of the operator: see `connection`")
		case !only(s, "-") || len(s) < 4 || len(s) > 30:
			r.bad(n, "", "%s is not a region", quote(s))
		default:
			r.regions = append(r.regions, n)
			r.tell(key, n, "the connection of an action knows its region")
		}
	}
}

// tell notes once in a file that a key has no effect, and why.
func (r *reader) tell(key string, n *node, why string) {
	if !r.told[key] {
		r.told[key] = true
		r.note(SeverityNote, n.at, n.path(), "", "%s: has no effect here: %s", label(n), why)
	}
}
