package socket

import (
	"context"
	"net"
	"net/netip"
	"strconv"
)

// OpenUDP opens a UDP socket. With a host or a port it is bound to them; the owner gets what comes.
func (p *Pool) OpenUDP(owner Owner, host string, port int) (id int, local netip.AddrPort, err error) {
	packet, err := new(net.ListenConfig).ListenPacket(context.Background(), "udp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return 0, local, reason(err)
	}
	conn := packet.(*net.UDPConn)
	s := &socket{packets: conn, owner: owner, reader: running}
	if err := p.add(s); err != nil {
		conn.Close()
		return 0, local, err
	}
	p.group.Add(1)
	go func() {
		defer p.group.Done()
		s.receive()
	}()
	return s.id, conn.LocalAddr().(*net.UDPAddr).AddrPort(), nil
}

// ConnectUDP sets where SendTo with an empty address sends to.
func (p *Pool) ConnectUDP(id int, host string, port int) error {
	s := p.get(id)
	if s == nil || s.packets == nil {
		return ErrGone
	}
	to, err := net.ResolveUDPAddr("udp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return reason(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peer = to.AddrPort()
	return nil
}

// SendTo sends a datagram to an address that came with an event, or, if it is "", to the one that
// ConnectUDP has set. A datagram that the kernel does not take is lost, as datagrams may be.
func (p *Pool) SendTo(id int, address, data string) bool {
	s := p.get(id)
	if s == nil || s.packets == nil {
		return false
	}
	var to netip.AddrPort
	if address == "" {
		s.mu.Lock()
		to = s.peer
		s.mu.Unlock()
	} else if err := to.UnmarshalBinary([]byte(address)); err != nil {
		return false
	}
	if !to.IsValid() {
		return false
	}
	n, err := s.packets.WriteToUDPAddrPort([]byte(data), to)
	s.sent(n)
	return err == nil
}

// Address says what the address of a datagram's event is.
func Address(address string) (netip.AddrPort, error) {
	var a netip.AddrPort
	err := a.UnmarshalBinary([]byte(address))
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), err
}

// receive takes datagrams until the socket is closed.
func (s *socket) receive() {
	b := make([]byte, 64<<10)
	for {
		s.goOn()
		n, from, err := s.packets.ReadFromUDPAddrPort(b)
		if err != nil {
			if s.over() {
				break
			}
			continue // an answer of the network to something sent: no end of the socket
		}
		s.touch()
		s.read_.Add(int64(n))
		address, _ := from.MarshalBinary()
		s.emit(Event{Kind: UDP, N: n, Data: string(b[:n]), Address: string(address)})
	}
	s.finish(Event{Kind: Close})
}
