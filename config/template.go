package config

import _ "embed"

// SchemaURL is where editors find the JSON schema of sky.toml.
const SchemaURL = "https://raw.githubusercontent.com/skylint/skylint/main/config/sky.schema.json"

//go:embed template.toml
var template string

// Template returns the text of a new sky.toml: every key with its usual value or an example,
// commented out, so that the file changes nothing but what its mere existence does (profile =
// "strict").
func Template() string { return template }
