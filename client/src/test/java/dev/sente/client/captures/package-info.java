/**
 * The client against recordings of Clojure's Sente: it must send what the recorded client sent. The
 * same as {@code client-ts/test/captures.test.ts}.
 */
@NullMarked
package dev.sente.client.captures;

import org.jspecify.annotations.NullMarked;
