package dev.sente.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.netty.NettyServer;
import dev.sente.server.ChannelSocketServer;
import dev.sente.wire.Reply;
import io.netty.pkitesting.CertificateBuilder;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cookies, TLS and a proxy, with a real server, which takes its users from a cookie. */
class NetworkOptionsTest {

  private final ChannelSocketServer chsk =
      ChannelSocketServer.builder()
          .userId(request -> request.cookie("uid").orElse("nobody"))
          .build()
          .on("test/who", event -> event.reply(event.uid()));

  private static @Nullable Object whoAmI(URI uri, ClientOptionsBuilder options) throws Exception {
    try (var client = ChannelSocketClient.connect(uri, options.build())) {
      var reply =
          client
              .request(Event.of("test/who"), Loopback.PATIENCE)
              .get(Loopback.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(reply).isInstanceOf(Reply.Value.class);
      return ((Reply.Value) reply).value().value();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"WS", "AJAX"})
  void theCookiesOfAHandlerAreSent(TransportChoice choice) throws Exception {
    var server = NettyServer.builder().engine(chsk).port(0).start();
    var uri = URI.create("http://localhost:" + server.port() + "/chsk");
    var cookies = new CookieManager();
    var cookie = new HttpCookie("uid", "ann");
    cookie.setPath("/");
    cookie.setVersion(0);
    cookies.getCookieStore().add(uri, cookie);
    try {
      assertThat(whoAmI(uri, ClientOptions.builder().type(choice).cookies(cookies)))
          .isEqualTo("ann");
      assertThat(whoAmI(uri, ClientOptions.builder().type(choice))).isEqualTo("nobody");
    } finally {
      server.close(Duration.ZERO);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"WS", "AJAX"})
  void aTlsContextSaysWhomToTrust(TransportChoice choice) throws Exception {
    var bundle =
        new CertificateBuilder()
            .subject("CN=localhost")
            .addSanDnsName("localhost")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    var server =
        NettyServer.builder()
            .engine(chsk)
            .tls(bundle.toTempCertChainPem().toPath(), bundle.toTempPrivateKeyPem().toPath())
            .port(0)
            .start();
    var uri = URI.create("https://localhost:" + server.port() + "/chsk");
    try {
      var trusting = trusting(bundle.getCertificate());
      assertThat(whoAmI(uri, ClientOptions.builder().type(choice).tls(trusting)))
          .isEqualTo("nobody");
      var options = ClientOptions.builder().type(choice).requestTimeout(Duration.ofSeconds(1));
      try (var client = ChannelSocketClient.connect(uri, options.build())) {
        assertThat(client.request(Event.of("test/who")).get()).isEqualTo(new Reply.TimedOut());
        assertThat(client.state().everOpened()).isFalse();
      }
    } finally {
      server.close(Duration.ZERO);
    }
  }

  /** The server is its own proxy: it takes whole URLs, of hosts that there are not. */
  @Test
  void requestsGoByTheProxy() throws Exception {
    var server = NettyServer.builder().engine(chsk).port(0).start();
    var proxy = ProxySelector.of(new InetSocketAddress("localhost", server.port()));
    try {
      var options = ClientOptions.builder().type(TransportChoice.AJAX).proxy(proxy);
      assertThat(whoAmI(URI.create("http://nowhere.invalid/chsk"), options)).isEqualTo("nobody");
    } finally {
      server.close(Duration.ZERO);
    }
  }

  private static SSLContext trusting(X509Certificate certificate) throws Exception {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("test", certificate);
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    var context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }
}
