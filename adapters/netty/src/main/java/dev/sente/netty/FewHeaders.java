package dev.sente.netty;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.TooLongHttpHeaderException;

/**
 * Headers as they are read, of which there are no more than {@link RequestHandler#MAX_HEADERS}. One
 * takes a hundred bytes of memory, and as few as two of the bytes that a head may have. So they are
 * counted as they come: a head is looked at once it is complete, and perhaps once others have been
 * answered.
 */
final class FewHeaders extends DefaultHttpHeaders {

  private FewHeaders(DefaultHttpHeadersFactory usual) {
    super(usual.getNameValidator(), usual.getValueValidator());
  }

  /** Makes headers that are validated as those of the usual factory are. */
  static HttpHeadersFactory like(DefaultHttpHeadersFactory usual) {
    return new HttpHeadersFactory() {
      @Override
      public HttpHeaders newHeaders() {
        return new FewHeaders(usual);
      }

      @Override
      public HttpHeaders newEmptyHeaders() {
        return new FewHeaders(usual);
      }
    };
  }

  @Override
  public HttpHeaders add(CharSequence name, Object value) {
    checkThatThereAreFew();
    return super.add(name, value);
  }

  @Override
  public HttpHeaders add(String name, Object value) {
    checkThatThereAreFew();
    return super.add(name, value);
  }

  private void checkThatThereAreFew() {
    if (size() >= RequestHandler.MAX_HEADERS) {
      throw new TooLongHttpHeaderException("more than " + RequestHandler.MAX_HEADERS + " headers");
    }
  }
}
