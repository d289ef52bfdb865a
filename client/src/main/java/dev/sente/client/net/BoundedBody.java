package dev.sente.client.net;

import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Takes an answer's body into memory, up to a bound. A longer one fails the request if its status
 * says success; otherwise its beginning will do, since the status says all.
 */
final class BoundedBody implements BodySubscriber<byte[]> {

  private final BodySubscriber<byte[]> whole = BodySubscribers.ofByteArray();
  private final int maxBytes;
  private final boolean isGood;

  /** Null before it begins and after it is over. Touched as the publisher orders its calls. */
  private Flow.@Nullable Subscription subscription;

  private long taken;

  private BoundedBody(int maxBytes, boolean isGood) {
    this.maxBytes = maxBytes;
    this.isGood = isGood;
  }

  static BodyHandler<byte[]> handler(int maxBytes) {
    return (HttpResponse.ResponseInfo info) ->
        new BoundedBody(maxBytes, info.statusCode() / 100 == 2);
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return whole.getBody();
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    whole.onSubscribe(given);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    var open = subscription;
    if (open == null) {
      return;
    }
    for (var buffer : buffers) {
      taken += buffer.remaining();
    }
    if (taken > maxBytes) {
      subscription = null;
      open.cancel();
      if (isGood) {
        whole.onError(new TooLongException(maxBytes));
      } else {
        whole.onComplete();
      }
    } else {
      whole.onNext(buffers);
    }
  }

  @Override
  public void onError(Throwable error) {
    if (subscription != null) {
      whole.onError(error);
    }
  }

  @Override
  public void onComplete() {
    if (subscription != null) {
      whole.onComplete();
    }
  }
}
