package config

// SchemaURL is where editors find the JSON schema of sky.toml.
const SchemaURL = "https://raw.githubusercontent.com/skylint/skylint/main/config/sky.schema.json"

// Template returns the text of a new sky.toml: every key with its default, commented out,
// so that the file changes nothing but what its mere existence does (profile = "strict").
func Template() string { return template }

const template = `#:schema ` + SchemaURL + `
# Configuration of skylint and skyrun. What is commented out is the default.
# All keys: https://github.com/skylint/skylint/blob/main/docs/CONFIG.md

# The Lua dialect of the files: 5.1, 5.2, 5.3, 5.4, 5.5 or luajit.
# dialect = "5.4"

# How strictly skyrun enforces the rules: compat or strict.
# profile = "strict"

[files]
# Globs, relative to this file. One without "/" matches at any depth; one that names a
# folder matches all that is in it.
# include = ["*.lua"]
# exclude = []
# Other people's code is analysed, but its findings are not reported. Most of it is
# recognised; name the rest here.
# vendored = []
# gitignore = true

[lint]
# The mildest severity that makes the exit code 1: note, warning, error or never.
# fail-on = "warning"
# Global variables that the project defines on purpose: "NAME" or "PREFIX_*".
# globals = []
# Global variables that come from elsewhere and are only read.
# read-globals = []
# report-vendored = false

# Severity by rule (id or name), family ("isolation", "SKY1xx") or "all":
# off, note, warning, error, or default. "skylint rules" lists them.
[rules]
# global-write = "error"

# Other settings for some paths. The last one that sets something wins.
# [[override]]
# paths = ["test/**"]
# rules = { isolation = "note" }

# Where services and modules are, if the skynet config files do not say it, or are not in
# this repository. One [node.NAME] for each process.
# [node.main]
# config = "etc/config"
# cwd = "."
# start = "main"
# luaservice = ["./service/?.lua"]
# lua_path = ["./lualib/?.lua", "./lualib/?/init.lua"]
# snax = []
# preload = "preload.lua"
# [node.main.env]
# ROOT = "."
`
