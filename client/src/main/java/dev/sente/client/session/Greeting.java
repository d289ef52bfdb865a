package dev.sente.client.session;

import dev.sente.client.Lost;
import org.jspecify.annotations.Nullable;

/** What a server says when a connection opens. */
record Greeting(
    @Nullable String uid, @Nullable Object data, boolean resumed, @Nullable Lost lost) {}
