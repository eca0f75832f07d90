/** The embedded broker on a TCP port. */
export { startTcpBroker, type TcpBroker, type TcpBrokerOptions } from './tcp-broker.ts'
