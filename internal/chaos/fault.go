package chaos

import "time"

// Fault is one way for a request to go wrong. It can be compared and changed:
// Garbage with Acts false is garbage in the place of an act.
type Fault struct {
	Name       string        // as in Faults; "" lets the request through
	Acts       bool          // whether the workspace carries the request out all the same
	RetryAfter string        // the header of a 429 or 503, seconds or an HTTP date; "" sends none
	Interval   time.Duration // between the bytes of a drip
	Size       int64         // of a huge answer, in bytes
}

// The faults, each as it is most often met. Those that could have acted or not
// are the other one by Acting and Idle.
var (
	None = Fault{}

	Refused       = Fault{Name: "refused"}                                 // nothing listens
	ResetBefore   = Fault{Name: "reset_before"}                            // the connection is reset, and nothing was done
	ResetAfter    = Fault{Name: "reset_after", Acts: true}                 // it was done, and then the connection is reset
	SilenceBefore = Fault{Name: "silence_before"}                          // no byte comes, and nothing was done
	SilenceAfter  = Fault{Name: "silence_after", Acts: true}               // it was done, and no byte comes
	Drip          = Fault{Name: "drip", Acts: true, Interval: time.Second} // the right answer, a byte at a time

	TooMany          = Fault{Name: "429"}
	TooManyLater     = Fault{Name: "429_retry_after", RetryAfter: "2"}
	ServerError      = Fault{Name: "500"}
	ProxyError       = Fault{Name: "502_html", Acts: true} // a proxy's page: what was behind it, nobody knows
	Unavailable      = Fault{Name: "503"}
	UnavailableLater = Fault{Name: "503_retry_after", RetryAfter: "2"}

	Garbage        = Fault{Name: "garbage", Acts: true}         // 200, and not JSON
	Lying          = Fault{Name: "lying", Acts: true}           // 200, and {"error":{…}}
	OtherShape     = Fault{Name: "other_shape", Acts: true}     // 200, and JSON that is nothing Flexie answers
	Truncated      = Fault{Name: "truncated", Acts: true}       // half the answer, less than its Content-Length
	TruncatedChunk = Fault{Name: "truncated_chunk", Acts: true} // half the answer, chunked and without its end
	Huge           = Fault{Name: "huge", Acts: true, Size: 100 << 20}
	LoginPage      = Fault{Name: "html_login"}   // 200, and a page to log in
	Redirect       = Fault{Name: "redirect"}     // 302 to another host
	RedirectSame   = Fault{Name: "redirect_307"} // 307: the same method and body, to another host
)

// Faults are all of them, for tests that go through each.
var Faults = []Fault{
	Refused, ResetBefore, ResetAfter, SilenceBefore, SilenceAfter, Drip,
	TooMany, TooManyLater, ServerError, ProxyError, Unavailable, UnavailableLater,
	Garbage, Lying, OtherShape, Truncated, TruncatedChunk, Huge, LoginPage, Redirect, RedirectSame,
}

// Acting is the same fault after the request was carried out. What breaks
// before, such as a refusal, can't be.
func (f Fault) Acting() Fault {
	f.Acts = f != None && f.Name != Refused.Name && f.Name != ResetBefore.Name && f.Name != SilenceBefore.Name
	return f
}

// Idle is the same fault without the request being carried out.
func (f Fault) Idle() Fault {
	f.Acts = false
	return f
}

// String is the fault's name, for the names of tests.
func (f Fault) String() string { return f.Name }
