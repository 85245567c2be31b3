"""The broker of the tests can be killed and comes back on the same port."""

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from tests.brokers import RealBroker
from tests.waiting import wait_until


def round_trip(broker: RealBroker) -> None:
    received: list[bytes] = []
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    client.on_message = lambda _client, _userdata, message: received.append(bytes(message.payload))
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        wait_until(client.is_connected, what="the broker accepts the client")
        client.subscribe("steelyard/v1/+/+/weighings", qos=1)
        client.publish("steelyard/v1/m/s/weighings", b"712", qos=1)
        wait_until(lambda: received == [b"712"], what="the message comes back")
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_killed_broker_is_gone_and_comes_back_on_the_same_port(broker: RealBroker) -> None:
    port = broker.port
    round_trip(broker)
    broker.kill()
    assert not broker.is_running
    broker.start()
    assert broker.port == port
    round_trip(broker)
