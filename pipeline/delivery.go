package pipeline

import "time"

// DeliveryStatus says how far a webhook delivery is.
type DeliveryStatus string

const (
	DeliveryReceived DeliveryStatus = "Received" // stored, its order is open
	DeliveryDone     DeliveryStatus = "Done"
	DeliveryIgnored  DeliveryStatus = "Ignored" // of no use, or not allowed; Note says why
	DeliveryDead     DeliveryStatus = "Dead"    // given up after many tries
)

// Delivery is one webhook delivery as it came in. Its Body is kept 14 days.
type Delivery struct {
	ID           string // the forge's delivery id (GUID)
	Event        string // X-GitHub-Event
	Action       string // "opened", "created" ...
	Host         string
	RepositoryID int64 // 0 for events without a repository
	Headers      map[string]string
	Body         []byte
	ReceivedAt   time.Time
	Status       DeliveryStatus
	Note         string // why it was ignored or what it led to, a sentence for people
}
