"""gRPC's own clients of health checking and of reflection against the daemon."""

import queue
import threading

import grpc
import tensors
from daemon import WAIT_SECONDS_MAX
from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from served_case import ONE, STUCK, ServedCase
from tritonclient.grpc import service_pb2

SERVICE = "inference.GRPCInferenceService"


class HealthTest(ServedCase):
    def setUp(self):
        super().setUp()
        models = {"m": STUCK | {"runs_max": 1}, "other": {}}
        self.serve(models, limits={"run_time_max": "100ms"}, drain={"grace": "300ms"})
        self.health = health_pb2_grpc.HealthStub(self.channel)

    def check(self, service: str) -> str:
        answer = self.health.Check(health_pb2.HealthCheckRequest(service=service))
        return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)

    def watch(self, service: str) -> queue.SimpleQueue:
        """The states that it is told of, as they come."""
        states = queue.SimpleQueue()
        calls = self.health.Watch(health_pb2.HealthCheckRequest(service=service))

        def follow():
            try:
                for answer in calls:
                    states.put(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))
            except grpc.RpcError as error:
                states.put(error.code().name)

        thread = threading.Thread(target=follow)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(calls.cancel)
        return states

    def test_finds_the_server_and_each_model_serving(self):
        for service in ("", "m", "other"):
            self.assertEqual(self.check(service), "SERVING")

    def test_does_not_know_what_is_not_there(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.check("nobody")
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)
        self.assertEqual(self.watch("nobody").get(timeout=WAIT_SECONDS_MAX), "SERVICE_UNKNOWN")

    def test_hears_of_a_model_that_cannot_run_any_more(self):
        model, other = self.watch("m"), self.watch("other")
        self.assertEqual(model.get(timeout=WAIT_SECONDS_MAX), "SERVING")
        self.refusal("m")
        self.assertEqual(model.get(timeout=WAIT_SECONDS_MAX), "NOT_SERVING")
        self.assertEqual([self.check(name) for name in ("", "m")], ["NOT_SERVING"] * 2)
        self.assertEqual(self.check("other"), "SERVING")
        self.assertEqual(other.get(timeout=WAIT_SECONDS_MAX), "SERVING")
        self.assertTrue(other.empty())

    def test_hears_of_the_drain_before_anything_is_refused(self):
        states = [self.watch(service) for service in ("", "other")]
        for state in states:
            self.assertEqual(state.get(timeout=WAIT_SECONDS_MAX), "SERVING")
        self.daemon.signal()
        for state in states:
            self.assertEqual(state.get(timeout=WAIT_SECONDS_MAX), "NOT_SERVING")
        self.ask("other").result()
        self.assertEqual(self.daemon.wait(), 0)


class ReflectionTest(ServedCase):
    def test_describes_the_services_as_their_clients_know_them(self):
        self.serve({"m": {}})
        database = ProtoReflectionDescriptorDatabase(self.channel)
        self.assertLessEqual({SERVICE, "grpc.health.v1.Health"}, set(database.get_services()))
        described = DescriptorPool(database).FindServiceByName(SERVICE)
        theirs = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"]
        self.assertEqual(
            {method.name for method in described.methods},
            {method.name for method in theirs.methods},
        )

    def test_is_enough_to_infer_by(self):
        self.serve({"m": {}})
        pool = DescriptorPool(ProtoReflectionDescriptorDatabase(self.channel))
        method = pool.FindServiceByName(SERVICE).methods_by_name["ModelInfer"]
        request = message_factory.GetMessageClass(method.input_type)(model_name="m")
        request.inputs.add(name="x", datatype=ONE[0], shape=ONE[1])
        request.raw_input_contents.append(ONE[2])
        answer = self.channel.unary_unary(
            f"/{SERVICE}/{method.name}",
            type(request).SerializeToString,
            message_factory.GetMessageClass(method.output_type).FromString,
        )(request)
        self.assertEqual(tensors.outputs_of(answer), {"x": ONE})
