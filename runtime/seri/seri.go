// Package seri writes Lua values as bytes and reads them back, in the format of skynet.pack:
// byte for byte what lua-seri.c of cloudwu/skynet writes on a little-endian machine.
//
// A value begins with a byte: its type in the low three bits, a cookie in the high five.
//
//	nil        0
//	boolean    1  cookie 0 or 1
//	number     2  cookie 0: zero; 1, 2, 4, 6: an integer of 1, 2 (unsigned), 4 or 8 bytes; 8: a double
//	userdata   3  a pointer of 8 bytes: only the null pointer is written and read
//	string     4  cookie: its length, below 32
//	string     5  cookie 2 or 4: a length of so many bytes
//	table      6  cookie: how many elements follow, or 31 and an integer; then keys and values, then nil
//
// Integers are what package number says: whole, between -2^53 and 2^53. Any other number is
// written as a double. An integer that no number holds exactly is refused when it is read.
package seri

import (
	lua "github.com/yuin/gopher-lua"
)

const (
	typeNil = iota
	typeBoolean
	typeNumber
	typePointer
	typeShort
	typeLong
	typeTable
)

const (
	numberZero  = 0
	numberByte  = 1
	numberWord  = 2
	numberDword = 4
	numberQword = 6
	numberReal  = 8
)

// maxCookie is where cookies end: shorter strings and arrays have their length in it.
const maxCookie = 32

// MaxDepth is how many tables may hold each other. The innermost must be empty.
const MaxDepth = 32

// Null is the null pointer of C libraries, which Lua sees as light userdata: cjson.null. It is
// the same value in every state and belongs to none.
var Null = &lua.LUserData{Value: null{}, Metatable: lua.LNil}

type null struct{}

// SharedByActors implements message.Shared: it is passed on as it is.
func (null) SharedByActors() {}

func head(kind, cookie int) byte { return byte(kind | cookie<<3) }
