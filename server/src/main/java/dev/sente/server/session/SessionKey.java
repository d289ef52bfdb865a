package dev.sente.server.session;

import org.jspecify.annotations.Nullable;

/**
 * What tells sessions apart. The user is part of it, so that one user's client can never take
 * another's session over by claiming its client-id.
 */
record SessionKey(@Nullable String uid, String clientId) {}
