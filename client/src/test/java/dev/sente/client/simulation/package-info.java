/**
 * The real client and the real server in virtual time, over a network with faults. Receives calls
 * from the client as its {@code Network}, hands them to the testkit's in-memory channels.
 */
@NullMarked
package dev.sente.client.simulation;

import org.jspecify.annotations.NullMarked;
