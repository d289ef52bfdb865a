/**
 * For tests, ours and yours: time that is turned by hand, and channels without a socket. Receives
 * what a test does as a client, hands it to the engine as an adapter would.
 */
@NullMarked
package dev.sente.testkit;

import org.jspecify.annotations.NullMarked;
