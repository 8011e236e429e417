package oauth

// OnStep has f told how far a renewal has come.
func OnStep(f func(string)) { step = f }

// MostInKeyring is the most that is put into one entry of a keyring.
const MostInKeyring = mostInKeyring

// Service is what our entries are under in a keyring.
const Service = service
