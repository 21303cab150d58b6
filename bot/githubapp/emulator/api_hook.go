package emulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func (c *call) getHookConfig() (reply, error) { return ok(c.g.hookConfigJSON(c.actor.app)) }

func (c *call) updateHookConfig() (reply, error) {
	var in struct {
		URL         *string `json:"url"`
		Secret      *string `json:"secret"`
		ContentType *string `json:"content_type"`
		InsecureSSL any     `json:"insecure_ssl"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if in.URL != nil {
		if u, err := url.Parse(*in.URL); err != nil || !strings.HasPrefix(u.Scheme, "http") {
			return reply{}, invalid("Hook", "url", "invalid", "url is not valid")
		}
	}
	if in.ContentType != nil && *in.ContentType != "json" {
		return reply{}, invalid("Hook", "content_type", "invalid", "the emulator sends json only")
	}
	a := c.actor.app
	set(&a.hookURL, in.URL)
	set(&a.hookSecret, in.Secret)
	a.updatedAt = c.g.now()
	c.g.touch()
	return ok(c.g.hookConfigJSON(a))
}

// listHookDeliveries pages with a cursor: the id to go on below, newest first.
func (c *call) listHookDeliveries() (reply, error) {
	_, size := c.pageSize()
	below := int64(0)
	if text := strings.TrimPrefix(c.query("cursor"), "v1_"); text != "" {
		var err error
		if below, err = strconv.ParseInt(text, 10, 64); err != nil {
			return reply{}, fail(http.StatusBadRequest, "Invalid cursor")
		}
	}
	var page []*Delivery
	more := false
	for _, d := range slices.Backward(c.g.deliveries) {
		if !d.listed(c.actor.app, c.query("status")) || below > 0 && d.ID >= below {
			continue
		}
		if len(page) == size {
			more = true
			break
		}
		page = append(page, d)
	}
	header := http.Header{}
	if more {
		query := c.r.URL.Query()
		query.Set("cursor", "v1_"+strconv.FormatInt(page[len(page)-1].ID, 10))
		header.Set("Link", "<"+c.g.api("app/hook/deliveries?%s", query.Encode())+`>; rel="next"`)
	}
	return reply{status: http.StatusOK, body: renderAll(page, deliveryJSON), header: header}, nil
}

// listed says whether an attempt is in the list. As at GitHub, status=failure
// means codes from 400 to 599, so attempts without an answer are not in it.
func (d *Delivery) listed(a *app, status string) bool {
	if d.AppID != a.id || d.State == DeliveryQueued || d.State == DeliveryHeld {
		return false
	}
	switch status {
	case "success":
		return d.StatusCode >= 200 && d.StatusCode < 400
	case "failure":
		return d.StatusCode >= 400 && d.StatusCode < 600
	default:
		return true
	}
}

func (c *call) ownDelivery() (*Delivery, error) {
	d := c.g.delivery(c.id("delivery_id"))
	if d == nil || !d.listed(c.actor.app, "") {
		return nil, notFound()
	}
	return d, nil
}

func (c *call) getHookDelivery() (reply, error) {
	d, err := c.ownDelivery()
	if err != nil {
		return reply{}, err
	}
	o := deliveryJSON(d)
	o["url"] = d.URL
	o["request"] = object{"headers": flatten(d.Header), "payload": json.RawMessage(d.Payload)}
	o["response"] = object{"headers": flatten(d.ResponseHeader), "payload": d.Response}
	return ok(o)
}

func (c *call) redeliver() (reply, error) {
	d, err := c.ownDelivery()
	if err != nil {
		return reply{}, err
	}
	c.g.repeat(d, d.GUID, true)
	return reply{status: http.StatusAccepted, body: object{}}, nil
}

func deliveryJSON(d *Delivery) object {
	return object{
		"id": d.ID, "guid": d.GUID, "delivered_at": stamp(d.DeliveredAt), "redelivery": d.Redelivery,
		"duration": d.Duration.Seconds(), "status": d.Status, "status_code": d.StatusCode, "event": d.Event,
		"action": nilIfEmpty(d.Action), "installation_id": nilUnless(d.InstallationID != 0, d.InstallationID),
		"repository_id": nilUnless(d.RepositoryID != 0, d.RepositoryID), "throttled_at": nil,
	}
}

func flatten(h http.Header) object {
	o := object{}
	for key, values := range h {
		o[key] = strings.Join(values, ", ")
	}
	return o
}
