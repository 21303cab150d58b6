package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

// jwtLeeway is how far ahead of ours an app's clock may run.
const jwtLeeway = 60 * time.Second

// jwtLongest is how far ahead a JWT may expire.
const jwtLongest = 10 * time.Minute

// appByJWT verifies an app's JSON web token as GitHub does. The error's text is
// GitHub's.
func (g *GitHub) appByJWT(text string) (*app, error) {
	found, token, err := g.signedBy(text)
	if err != nil {
		return nil, fail(http.StatusUnauthorized, "A JSON web token could not be decoded")
	}
	claims, _ := token.Claims.(jwt.MapClaims)
	expires, hasExpires := claimTime(claims["exp"])
	issued, hasIssued := claimTime(claims["iat"])
	now := g.clock()
	switch {
	case !hasExpires:
		return nil, fail(http.StatusUnauthorized, "Missing 'exp' claim ('Expiration Time') in assertion")
	case !hasIssued:
		return nil, fail(http.StatusUnauthorized, "Missing 'iat' claim ('Issued At') in assertion")
	case expires.Before(now):
		return nil, fail(http.StatusUnauthorized, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case expires.After(now.Add(jwtLongest)):
		return nil, fail(http.StatusUnauthorized, "'Expiration time' claim ('exp') is too far in the future")
	case issued.After(now.Add(jwtLeeway)):
		return nil, fail(http.StatusUnauthorized, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	return found, nil
}

func claimTime(claim any) (time.Time, bool) {
	number, ok := claim.(json.Number)
	if !ok {
		return time.Time{}, false
	}
	seconds, err := number.Float64()
	if err != nil || seconds != math.Trunc(seconds) {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// signedBy finds the app that the token names, one of whose keys has signed it.
func (g *GitHub) signedBy(text string) (found *app, token *jwt.Token, err error) {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation(), jwt.WithJSONNumber())
	for i := 0; ; i++ {
		token, err = parser.Parse(text, func(t *jwt.Token) (any, error) {
			claims, _ := t.Claims.(jwt.MapClaims)
			id, err := strconv.ParseInt(fmt.Sprint(claims["iss"]), 10, 64)
			if err != nil || g.apps[id] == nil {
				return nil, errors.New("unknown issuer")
			}
			found = g.apps[id]
			return &found.keys[i].PublicKey, nil
		})
		if err == nil || found == nil || i+1 >= len(found.keys) {
			return found, token, err
		}
	}
}
