/**
 * Who is where: users to their clients' sessions. Receives what sessions tell of themselves, hands
 * pushes to them.
 */
@NullMarked
package dev.sente.server.users;

import org.jspecify.annotations.NullMarked;
