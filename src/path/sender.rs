//! Who sends an nginx its requests, and what of them is the sender's own.
//!
//! What a sender is not known to do is left open: a header of its own then has no known value.

use super::front::{Front, has_tls};
use super::site::Site;
use super::{FRONT_ENDS, Model};
use crate::kube::controller_defaults::LoadBalancer;
use crate::kube::{Controller, Ingress, Object};
use crate::manifest::Node;

/// Two proxies whose addresses nobody can know: documentation's own (RFC 5737) stand for them.
const PROXIES: [&str; 2] = ["192.0.2.3", "192.0.2.4"];

/// The client's address, and the load balancer's own, in the same way.
const CLIENT: &str = "198.51.100.7";
const THROUGH_GOOGLE: &str = "198.51.100.7, 203.0.113.10";

/// Who sends requests to an nginx.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sender {
    kind: Kind,
    /// Whether browsers come to it by https; `None` where nothing says so.
    https: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One of Google's load balancers.
    Google { has_own_subnet: bool },
    /// The proxy of another controller, in the cluster or beside it.
    Proxy(Controller),
    /// Nobody knows: it may be the client itself.
    Unknown,
}

impl Sender {
    /// Nobody knows who.
    pub const UNKNOWN: Self = Self { kind: Kind::Unknown, https: None };

    /// One of Google's load balancers.
    pub fn google(balancer: LoadBalancer, https: Option<bool>) -> Self {
        Self { kind: Kind::Google { has_own_subnet: balancer.has_own_subnet() }, https }
    }

    /// The proxy of a controller that is not Google's.
    pub fn proxy(controller: Controller, https: Option<bool>) -> Self {
        Self { kind: Kind::Proxy(controller), https }
    }

    /// Who serves an Ingress. One without TLS may have a certificate that none of the files speaks of.
    pub fn of_ingress(ingress: &Ingress<'_>) -> Self {
        let https = has_tls(ingress).then_some(true);
        match ingress.load_balancer() {
            Some(balancer) => Self::google(balancer, https),
            None => Self::proxy(ingress.controller(), https),
        }
    }

    /// What stands before an nginx, as far as something says it.
    pub fn of_front(front: &Front) -> Self {
        let https = front.has_tls.filter(|tls| *tls);
        match (front.is_google, front.controller) {
            (true, _) => {
                Self { kind: Kind::Google { has_own_subnet: front.has_own_subnet }, https }
            }
            (false, Some(controller)) => Self::proxy(controller, https),
            (false, None) => Self { https, ..Self::UNKNOWN },
        }
    }

    /// Two of the addresses that its requests come from; `None` where those may be the clients' own.
    pub fn addresses(&self) -> Option<[&'static str; 2]> {
        match self.kind {
            Kind::Google { has_own_subnet: false } => Some(FRONT_ENDS),
            Kind::Google { has_own_subnet: true } | Kind::Proxy(_) => Some(PROXIES),
            Kind::Unknown => None,
        }
    }

    /// Whether it is one of Google's load balancers, which have so many addresses that two requests of one client hardly
    /// come from the same.
    pub fn is_google(&self) -> bool {
        matches!(self.kind, Kind::Google { .. })
    }

    /// The headers that it adds, as far as its public sources say them.
    pub(super) fn headers(&self, host: &str) -> Vec<(&'static str, String)> {
        let own: &[(&str, &str)] = match self.kind {
            // https://cloud.google.com/load-balancing/docs/https
            Kind::Google { .. } => &[("X-Forwarded-For", THROUGH_GOOGLE), ("Via", "1.1 google")],
            // kubernetes/ingress-nginx:rootfs/etc/nginx/template/nginx.tmpl
            Kind::Proxy(Controller::IngressNginx) => {
                &[("X-Forwarded-For", CLIENT), ("X-Real-IP", CLIENT), ("X-Forwarded-Host", host)]
            }
            // traefik/traefik:pkg/middlewares/forwardedheaders/forwarded_header.go
            Kind::Proxy(Controller::Traefik) => {
                &[("X-Forwarded-For", CLIENT), ("X-Real-Ip", CLIENT), ("X-Forwarded-Host", host)]
            }
            // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
            Kind::Proxy(Controller::AwsAlb) => &[("X-Forwarded-For", CLIENT)],
            Kind::Proxy(_) | Kind::Unknown => &[],
        };
        let mut headers: Vec<_> =
            own.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        if let Some(scheme) = self.scheme() {
            headers.push(("X-Forwarded-Proto", scheme.to_owned()));
        }
        headers
    }

    /// What it says of the connection that the client made, where it says that at all.
    fn scheme(&self) -> Option<&'static str> {
        let says = match self.kind {
            Kind::Google { .. } => true,
            Kind::Proxy(controller) => matches!(
                controller,
                Controller::IngressNginx | Controller::Traefik | Controller::AwsAlb
            ),
            Kind::Unknown => false,
        };
        says.then_some(if self.https? { "https" } else { "http" })
    }
}

/// Whether a listener of a Gateway takes TLS off; `None` where none does as far as the files go.
pub fn gateway_has_tls(gateway: &Object<'_>) -> Option<bool> {
    let listeners = gateway.in_spec(&["listeners"]).into_iter().flat_map(Node::items);
    let mut protocols = listeners.filter_map(|one| one.get("protocol")?.as_str());
    protocols.any(|protocol| protocol == "HTTPS").then_some(true)
}

impl<'s> Model<'s> {
    /// Who sends requests to an nginx.
    pub fn sender_of(&self, site: &Site<'s>) -> Sender {
        self.front_of(site).map_or(Sender::UNKNOWN, |front| Sender::of_front(&front))
    }
}
