package pipeline

// Identity is who somebody is, as the forge has just confirmed it.
type Identity struct {
	Actor
	// Emails are addresses that the forge has verified. They are not to be stored, only
	// their EmailDigest is.
	Emails []string
	// NoEmails is why the addresses could not be read; nil: these are all.
	NoEmails error
}
