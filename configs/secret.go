package configs

import "log/slog"

const redacted = "[secret]"

// Secret is text that never prints itself: not with fmt, slog or as JSON, also
// from inside other values. The zero Secret is not set.
type Secret struct {
	// Behind a pointer, because fmt looks into unexported fields of others
	// without asking for String.
	text *string
}

// NewSecret wraps a text. Empty text makes a Secret that is not set.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the text, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsSet reports whether there is a text.
func (s Secret) IsSet() bool { return s.text != nil }

// String never returns the text.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return redacted
}

// GoString never returns the text.
func (s Secret) GoString() string { return "configs.Secret{" + s.String() + "}" }

// LogValue never returns the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText never returns the text; it is what JSON and YAML show.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON never returns the text.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }
