/** The network by itself, against bare sockets. */
@NullMarked
package dev.sente.client.net;

import org.jspecify.annotations.NullMarked;
