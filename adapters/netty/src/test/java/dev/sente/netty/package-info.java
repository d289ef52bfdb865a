/** Tests against real sockets, with a fake engine behind them. */
@NullMarked
package dev.sente.netty;

import org.jspecify.annotations.NullMarked;
