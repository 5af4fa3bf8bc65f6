package models

// A Kind says what sort of value a name stands for.
type Kind uint8

// The kinds of values.
const (
	KindFunction Kind = iota + 1
	KindTable
	KindValue  // a number, a string, a boolean
	KindObject // userdata, or a table used through its methods
)

// A Role says what a call needs an argument for, or what a result is.
type Role uint8

// The roles. Those that end in "argument only" and "result only" stand on one side.
const (
	RoleAny Role = iota // nothing is said of it

	// Plain values.
	RoleBoolean
	RoleNumber
	RoleText
	RoleTable
	RoleFunction // a function that is not called by the call it is given to
	RoleCoroutine
	RoleUserdata
	RoleOK    // says whether the call succeeded: a boolean, or nil for failure; result only
	RoleError // what went wrong, or what is raised
	RoleTime  // a length of time or a point in time
	RoleMode  // a literal that selects what the call does
	RoleFlag  // a literal boolean in front of the other arguments; argument only
	RoleOptions
	RoleMetatable

	// Actors and messages.
	RoleAddress  // handle or name of a service
	RoleService  // which program to launch or to find; argument only
	RoleName     // the name that a service has or gets
	RoleNode     // a node of the cluster
	RoleProtocol // the type of a message; argument only
	RoleCommand  // what the receiver looks up to handle the message; argument only
	RolePayload  // what is copied into a message
	RoleMessage  // a packed message: a string, or a pointer and a size
	RoleRequest  // a list of address, protocol, command and payload; argument only
	RoleSession
	RoleToken    // what wait and wakeup meet at; argument only
	RoleKey      // the name of a thing in a store; argument only
	RoleReply    // what the receiver answered; result only
	RoleResponse // a function that answers the current request; result only
	RoleQueue    // a function that runs functions one after the other; result only

	// Functions that are given to the call; Arg.Callback says how they are called.
	RoleCallback  // argument only
	RoleCallbacks // a table of such functions; argument only

	// Where untrusted data does harm.
	RoleCode    // Lua source text or bytecode; argument only
	RolePath    // a name in the file system
	RoleModule  // a name for require; as a result, the value of the module
	RoleShell   // a command line; argument only
	RoleSQL     // argument only
	RoleQuery   // a database command that is not SQL; argument only
	RoleURL     // argument only
	RoleHost    // argument only
	RolePort    // argument only
	RolePattern // a Lua pattern; argument only
	RoleFormat  // a format of string.format; argument only
	RoleSize    // how much to make, to repeat or to read; argument only
	RoleEnvironment

	// Where secrets leak.
	RoleSecret // a key or a password
	RoleWire   // bytes that leave the process; argument only
	RoleLog    // what is printed or logged; argument only

	RoleSocket // the id of a connection, a listener or a file descriptor

	// What a result is to the values that are already there; result only.
	RoleFresh    // a table that nobody else holds
	RoleShared   // a table that others read too and nobody may write to
	RoleArgument // the argument of that number itself
	RoleCalled   // what the callback returned
	RoleChunk    // a function that was compiled from the code
	RoleObject   // an object whose methods are known

	roleCount
)

// A Callback says how a function that was given to a call is called.
type Callback uint8

// The ways.
const (
	CallbackCalled      Callback = iota + 1 // before the call returns, in its coroutine; may yield
	CallbackUnyieldable                     // before the call returns; may not yield
	CallbackLocked                          // as called, while the queue is held
	CallbackCoroutine                       // later, once, in a coroutine of its own
	CallbackHandler                         // for each message, in a coroutine of its own
	CallbackInit                            // at the start of the service
	CallbackEvent                           // later, when something happens, in the coroutine of that event
	CallbackResumed                         // as the body of a coroutine that the program resumes itself
	CallbackHook                            // in the midst of other code, or by the collector; may not yield
	callbackCount
)

// A Wait says what a call suspends its coroutine for.
type Wait uint8

// What is waited for.
const (
	WaitNone         Wait = iota
	WaitReply             // the reply to a request
	WaitTime              // a length of time
	WaitWakeup            // another coroutine's wakeup
	WaitLock              // the holder of a queue
	WaitLaunch            // the end of a service's start
	WaitRegistration      // somebody who launches or registers what is asked for
	WaitSocket            // the peer of a connection
	WaitData              // somebody who writes what is asked for
	WaitResume            // the program's own resume of the coroutine
	WaitExit              // nothing: the service ends
	WaitUnknown           // it yields; why is not known
	waitCount
)

// A Reply says what a call does to the request that the coroutine handles.
type Reply uint8

// The ways to answer.
const (
	ReplyNone  Reply = iota
	ReplyNow         // answers it
	ReplyLater       // moves the duty to answer into its result
	ReplyNever       // gives it up: the caller is not answered
	replyCount
)

// A SpawnSet is the set of things that a call starts.
type SpawnSet uint8

// What can be started.
const (
	SpawnCoroutine SpawnSet = 1 << iota
	SpawnService
	SpawnProcess
)

// A Source says where untrusted data comes from.
type Source uint8

// The sources.
const (
	SourceNone          Source = iota
	SourceNetwork              // a peer on a socket
	SourceMessage              // another service, or another node
	SourceFile                 // the content of files, and names in folders
	SourceDatabase             // a database server
	SourceConsole              // the standard input
	SourceProcess              // the output of another program
	SourceVariables            // environment variables
	SourceConfiguration        // the node's configuration
	sourceCount
)

// A RoleSet is a set of roles.
type RoleSet uint64

// RolesOf returns the set of the given roles.
func RolesOf(roles ...Role) RoleSet {
	var s RoleSet
	for _, r := range roles {
		s |= 1 << r
	}
	return s
}

// Has reports whether r is in the set.
func (s RoleSet) Has(r Role) bool { return s&(1<<r) != 0 }

// A CapabilitySet is a set of things that a program can do through a name.
type CapabilitySet uint32

// The capabilities.
const (
	CanExec           CapabilitySet = 1 << iota // run programs
	CanExit                                     // end the process
	CanReadFiles                                // read files and folders
	CanWriteFiles                               // create, change, rename and remove files and folders
	CanReadEnv                                  // read environment variables
	CanLoadNative                               // load and call machine code
	CanLoadCode                                 // compile or run Lua code that is made or read at run time
	CanUseBytecode                              // make or accept precompiled code, which is not verified
	CanDebug                                    // see or change the insides of functions, coroutines and the registry
	CanSetMetatable                             // change how values behave
	CanSetEnvironment                           // change which globals other functions see
	CanUseNetwork                               // open connections and listen
	CanLaunch                                   // start services
	CanKill                                     // end other services
	CanRegister                                 // change what names mean
	CanSetProcess                               // change a setting of the whole process
)

// Has reports whether all capabilities of t are in the set.
func (s CapabilitySet) Has(t CapabilitySet) bool { return s&t == t }
