/**
 * The ordered, resumable stream between a client and a server: counting, acknowledging, replay,
 * bounds (PROTOCOL.md, V5 to V16). Receives messages from {@code session}, hands them to whatever
 * connection carries them; no clock, socket or thread is known here.
 *
 * <p>A session holds one {@link dev.sente.stream.Outbound} and one {@link
 * dev.sente.stream.Inbound}. A connection, over whichever transport, is to them only a number to
 * begin at.
 *
 * <pre>
 *   sender                                             receiver
 *   Outbound.append(m)      number = ++last
 *   Outbound.take()         cursor moves on   ──m──▶   Inbound.next(): new or seen before?
 *   Outbound.acknowledge(n) ≤ n is forgotten  ◀──n──   Inbound.received()
 *   Outbound.resumeAt(n)    cursor = n        ◀──n──   a new connection says what it has
 * </pre>
 */
@NullMarked
package dev.sente.stream;

import org.jspecify.annotations.NullMarked;
