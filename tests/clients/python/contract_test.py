"""Holds our contract to the one that other clients have compiled in."""

import pathlib
import unittest

from google.protobuf import descriptor_pb2
from tritonclient.grpc import model_config_pb2, service_pb2

import weir_client

OURS_ALONE = {
    "ModelMetadataResponse.properties",
    "ModelMetadataResponse.PropertiesEntry.key",
    "ModelMetadataResponse.PropertiesEntry.value",
}


def facts_of_message(message, path):
    """Each field by its path: all that the wire and the generated code depend on."""
    path = f"{path}{message.name}."
    facts = {}
    for field in message.field:
        oneof = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else ""
        facts[path + field.name] = (
            field.number, field.type, field.label, field.type_name, oneof, field.proto3_optional,
        )  # fmt: skip
    for nested in message.nested_type:
        facts |= facts_of_message(nested, path)
    for enum in message.enum_type:
        facts |= facts_of_enum(enum, path)
    return facts


def facts_of_enum(enum, path):
    return {f"{path}{enum.name}.{value.name}": value.number for value in enum.value}


def facts_of(files):
    facts = {}
    for file in files:
        for message in file.message_type:
            facts |= facts_of_message(message, "")
        for enum in file.enum_type:
            facts |= facts_of_enum(enum, "")
        for service in file.service:
            for method in service.method:
                facts[f"{file.package}.{service.name}/{method.name}"] = (
                    method.input_type, method.output_type,
                    method.client_streaming, method.server_streaming,
                )  # fmt: skip
    return facts


class ContractTest(unittest.TestCase):
    def setUp(self):
        described = pathlib.Path(weir_client.__file__).with_name("contract.binpb").read_bytes()
        files = descriptor_pb2.FileDescriptorSet.FromString(described).file
        self.packages = {file.package for file in files}
        self.ours = facts_of(files)
        copies = []
        for module in (service_pb2, model_config_pb2):
            copies.append(descriptor_pb2.FileDescriptorProto())
            module.DESCRIPTOR.CopyToProto(copies[-1])
        self.theirs = facts_of(copies)

    def test_has_every_field_enum_and_method_of_theirs_as_theirs(self):
        self.assertGreater(len(self.theirs), 400)
        for path, fact in self.theirs.items():
            with self.subTest(path):
                self.assertEqual(self.ours.get(path), fact)

    def test_adds_the_properties_and_nothing_else(self):
        self.assertEqual(set(self.ours) - set(self.theirs), OURS_ALONE)
        self.assertEqual(self.ours["ModelMetadataResponse.properties"][0], 6)

    def test_lies_in_their_package(self):
        self.assertEqual(self.packages, {service_pb2.DESCRIPTOR.package})
