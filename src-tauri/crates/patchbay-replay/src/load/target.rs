//! Where load goes, and connections to it.

use super::error::LoadError;
use reqwest::Url;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// How long a connection may take to be there.
const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// A server that takes deliveries.
#[derive(Clone)]
pub struct LoadTarget {
    url: String,
    addresses: Vec<SocketAddr>,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    authority: String,
}

impl LoadTarget {
    /// The server that a URL names. Its name is resolved once, so that no delivery waits for it.
    pub async fn resolve(url: &str) -> Result<Self, LoadError> {
        Self::resolve_trusting(url, &[]).await
    }

    /// As [`LoadTarget::resolve`], with authorities beside the public ones that may vouch for the server.
    pub async fn resolve_trusting(url: &str, authorities: &[CertificateDer<'_>]) -> Result<Self, LoadError> {
        let not_a_url = || LoadError::Url { given: url.to_owned() };
        let parsed = Url::parse(url).map_err(|_| not_a_url())?;
        let host = parsed.host_str().ok_or_else(not_a_url)?.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = parsed.port_or_known_default().ok_or_else(not_a_url)?;
        let tls = match parsed.scheme() {
            "http" => None,
            "https" => {
                let name = ServerName::try_from(host.clone()).map_err(|_| not_a_url())?;
                Some((connector(authorities).map_err(|_| not_a_url())?, name))
            }
            _ => return Err(not_a_url()),
        };
        let no_address = |source| LoadError::Address { host: host.clone(), source };
        let addresses: Vec<SocketAddr> =
            tokio::net::lookup_host((host.as_str(), port)).await.map_err(no_address)?.collect();
        if addresses.is_empty() {
            return Err(no_address(io::ErrorKind::NotFound.into()));
        }
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { url, addresses, tls, authority: authority(&parsed) })
    }

    /// The URL that was given, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether every address is this machine's, so that the target shares its processors with the generator.
    pub fn is_local(&self) -> bool {
        self.addresses.iter().all(|address| address.ip().is_loopback())
    }

    /// `host` or `host:port`, as the `Host` header has it.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn reaches(&self, url: &Url) -> bool {
        authority(url) == self.authority && (url.scheme() == "https") == self.tls.is_some()
    }

    /// A new connection, with TLS where the URL says so.
    pub(super) async fn connect(&self) -> io::Result<Connection> {
        let connecting = async {
            let stream = TcpStream::connect(self.addresses.as_slice()).await?;
            // A delivery is one write; waiting for more would only delay it.
            stream.set_nodelay(true)?;
            match &self.tls {
                None => Ok(Connection::Plain(stream)),
                Some((connector, name)) => {
                    Ok(Connection::Tls(Box::new(connector.connect(name.clone(), stream).await?)))
                }
            }
        };
        let too_late =
            |_| io::Error::new(io::ErrorKind::TimedOut, format!("no connection within {} s", CONNECT_WAIT.as_secs()));
        tokio::time::timeout(CONNECT_WAIT, connecting).await.map_err(too_late)?
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn connector(authorities: &[CertificateDer<'_>]) -> Result<TlsConnector, tokio_rustls::rustls::Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for authority in authorities {
        roots.add(authority.clone().into_owned())?;
    }
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// One connection.
pub(super) enum Connection {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection {
    /// Whether the server has ended it, or sent what nobody asked for. Costs no system call while it is quiet.
    pub(super) async fn is_over(&mut self) -> bool {
        let mut byte = [0];
        std::future::poll_fn(|context| {
            let mut buffer = ReadBuf::new(&mut byte);
            Poll::Ready(Pin::new(&mut *self).poll_read(context, &mut buffer).is_ready())
        })
        .await
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
