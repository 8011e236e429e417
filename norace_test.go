//go:build !race

package main_test

// raceDetector is set where tests take several times as long.
const raceDetector = false
