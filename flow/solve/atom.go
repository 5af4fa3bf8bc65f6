package solve

import (
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/syntax"
)

// An Atom is a value that is told apart from others. Atoms are numbered in the order in which
// the program shows them.
type Atom int32

// A Kind says what an atom is.
type Kind uint8

// The kinds of atoms.
const (
	// String is the constant Text.
	String Kind = iota + 1
	// Function is the function Func of File.
	Function
	// Table is the table that Node of File makes: a constructor, or a call of a model that
	// returns a fresh table.
	Table
	// API is what the model Entry describes.
	API
	// Object is an object whose methods the model's table Text describes, made at Node of File.
	Object
	// Method is the function Text of the object Of, which Entry describes: the model of the
	// object does not list it.
	Method
	// Service is the address of Service; of a service that is no Lua program, whose name is
	// Text, if that is nil.
	Service
	// Self is the address of whatever service runs File.
	Self
	// Queue is a lock made at Node of File.
	Queue
	// Response is a function that answers a request, made at Node of File.
	Response
	// Unknown is a value that is not followed, because of Reason.
	Unknown
)

// A Reason says why a value is not known.
type Reason uint8

// The reasons.
const (
	// TooMany values come together here.
	TooMany Reason = iota + 1
	// FromOutside comes from a socket, a file or another system.
	FromOutside
	// Computed is the result of an operation that is not followed.
	Computed
	// NoSuchName is a service's name that nothing in the project has.
	NoSuchName
)

// String completes "it is not known, because ".
func (r Reason) String() string {
	return [...]string{
		"", "too many values meet here", "it comes from outside the program", "it is computed when the program runs",
		"nothing in the project has this name",
	}[r]
}

// AtomData is what an Atom stands for.
type AtomData struct {
	Kind    Kind
	File    int32 // index of the program's file; -1 for none
	Func    scope.Func
	Node    syntax.Node
	Text    string
	Entry   *models.Entry
	Of      Atom  // for an Object, what it is a part of
	unit    int32 // File, or the instance of a factory in which it was made
	Service *project.Service
	Reason  Reason
}

// atomKey identifies an atom for interning.
type atomKey struct {
	kind Kind
	file int32
	a    int32
	text string
}

func (s *solver) intern(key atomKey, data AtomData) Atom {
	if a, ok := s.atomIDs[key]; ok {
		return a
	}
	a := s.newAtom(data)
	s.atomIDs[key] = a
	return a
}

func (s *solver) newAtom(data AtomData) Atom {
	s.atoms, s.kinds, s.owner = append(s.atoms, data), append(s.kinds, data.Kind), append(s.owner, data.File)
	return Atom(len(s.atoms) - 1)
}

func (s *solver) stringAtom(text string) Atom {
	a, ok := s.texts[text]
	if !ok {
		a = s.newAtom(AtomData{Kind: String, File: -1, Text: text})
		s.texts[text] = a
	}
	return a
}

func (s *solver) functionAtom(file int32, f scope.Func) Atom {
	a := &s.funcAtoms[s.fileOf(file)][f]
	if in := s.instanceOf(file); in != nil {
		a = &in.funcAtoms[f-in.fn]
	}
	if *a == 0 {
		*a = s.newAtom(AtomData{Kind: Function, File: s.fileOf(file), unit: file, Func: f, Node: s.irs[file].Info.Funcs[f].Node})
	}
	return *a
}

// made returns the atom of something made at a node.
func (s *solver) made(kind Kind, file int32, n syntax.Node, text string) Atom {
	return s.intern(atomKey{kind, file, int32(n), text}, AtomData{Kind: kind, File: s.fileOf(file), unit: file, Node: n, Text: text})
}

func (s *solver) apiAtom(e *models.Entry) Atom {
	if a, ok := s.apis[e]; ok {
		return a
	}
	of, path := e, e.Path
	if e.SameAs != "" {
		path = e.SameAs
		if same := s.prog.Models.Lookup(path); same != nil {
			e = same
		}
	}
	a := s.intern(atomKey{kind: API, text: path}, AtomData{Kind: API, File: -1, Text: path, Entry: e})
	s.apis[of] = a
	return a
}

func (s *solver) serviceAtom(svc *project.Service) Atom {
	return s.intern(atomKey{Service, -1, s.serviceIDs[svc], ""}, AtomData{Kind: Service, File: -1, Service: svc, Text: svc.Name})
}

func (s *solver) selfAtom(file int32) Atom {
	return s.intern(atomKey{kind: Self, file: file}, AtomData{Kind: Self, File: file})
}

func (s *solver) unknownAtom(r Reason, text string) Atom {
	return s.intern(atomKey{kind: Unknown, a: int32(r), text: text}, AtomData{Kind: Unknown, File: -1, Reason: r, Text: text})
}

// part returns the object that a member of another object is.
func (s *solver) part(of Atom, e *models.Entry) Atom {
	d := s.atoms[of]
	return s.intern(atomKey{Object, -2, int32(of), e.Path}, AtomData{Kind: Object, File: d.File, Node: d.Node, Text: e.Table, Of: of})
}

// method returns the member of an object that its model does not list.
func (s *solver) method(of Atom, e *models.Entry, name string) Atom {
	d := s.atoms[of]
	return s.intern(atomKey{Method, -2, int32(of), name}, AtomData{Kind: Method, File: d.File, Node: d.Node, Text: name, Of: of, Entry: e})
}

// nativeAtom returns the address of a service that is no Lua program.
func (s *solver) nativeAtom(name string) Atom {
	return s.intern(atomKey{Service, -2, 0, name}, AtomData{Kind: Service, File: -1, Text: name})
}

// memberOf returns the model of a member of an API's table or object.
func (s *solver) memberOf(a Atom, name string) *models.Entry {
	d := &s.atoms[a]
	path := d.Text
	if d.Kind == API && d.Entry.Table != "" {
		path = d.Entry.Table
	}
	t := s.prog.Models.Table(path)
	if t == nil {
		return nil
	}
	if e := t.Member(name); e != nil {
		return e
	}
	if t.Object {
		return t.Member("__index")
	}
	return nil
}
