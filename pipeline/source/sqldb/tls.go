package sqldb

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
)

// TLS says how the way to the server is protected.
type TLS struct {
	// Mode is "verify" or "off"; empty for off on this machine and verify elsewhere.
	Mode       string
	CA         string // file with the authorities to trust; empty for the machine's own
	Cert, Key  string // files of the client's own certificate, where the server asks for one
	ServerName string // that the certificate must hold; empty for the host
}

// tls is the configuration; nil for no TLS.
func (o Options) tls() (*tls.Config, error) {
	if o.TLS.Mode == "off" || o.TLS.Mode == "" && o.local() {
		return nil, nil
	}
	c := &tls.Config{ServerName: o.TLS.ServerName, MinVersion: tls.VersionTLS12}
	if c.ServerName == "" {
		c.ServerName = o.Host
	}
	if o.TLS.CA != "" {
		text, err := os.ReadFile(o.TLS.CA)
		if err != nil {
			return nil, &Error{Place: o.TLS.CA, Problem: "the authority's certificate cannot be read: " + fileCause(err), Remedy: "check source.connection.tls.ca"}
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, &Error{Place: o.TLS.CA, Problem: "there is no certificate in it", Remedy: "give it in PEM form"}
		}
	}
	if o.TLS.Cert != "" || o.TLS.Key != "" {
		pair, err := tls.LoadX509KeyPair(o.TLS.Cert, o.TLS.Key)
		if err != nil {
			return nil, &Error{Place: o.TLS.Cert, Problem: "the client's certificate and key cannot be used", Remedy: "give both, in PEM form, as source.connection.tls.cert and key"}
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// local says whether what is sent stays on this machine.
func (o Options) local() bool {
	if o.Socket != "" || o.Host == "localhost" {
		return true
	}
	ip := net.ParseIP(o.Host)
	return ip != nil && ip.IsLoopback()
}
