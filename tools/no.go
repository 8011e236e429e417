package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// UnseenQuestion is for those whose client declares that it asks and shows nothing.
const UnseenQuestion = " If no question was seen, this client does not show any: the operator of this server can set FLEXIE_CONFIRM=preview."

// UserSaidNo is what a call ends with whose user was asked, and said no.
const UserSaidNo = "The user said no. Nothing was changed, and that is final: do not try it another way." + UnseenQuestion

// refused is the error of a call that the user has said no to, now or within the
// last ten minutes, to whichever of their assistants: one that makes it again would
// ask them until they give in.
func (who Caller) refused(ctx context.Context, t Tool, arguments json.RawMessage, given guard) error {
	if who.Codes == nil || who.Confirm == Never || given.DryRun {
		return nil
	}
	if who.Declined {
		return &Failure{UserSaidNo, errors.Join(ErrDeclined, who.Codes.Refuse(ctx, who.call(t, arguments)))}
	}
	ago, no := who.Codes.SaidNo(ctx, who.call(t, arguments))
	if !no {
		return nil
	}
	return &Failure{fmt.Sprintf("The user said no to this %s ago. Nothing was changed, and they are not asked about it again within ten minutes: do not try it another way.%s", ago.Round(time.Second), UnseenQuestion), ErrDeclined}
}
