"""boto3_row.py ENDPOINT TABLE get|put: one row, as programs in Python read and write it."""

import json
import sys
from decimal import Decimal

import boto3

endpoint, name, action = sys.argv[1:]
table = boto3.resource(
    "dynamodb",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="AKIDEXAMPLE",
    aws_secret_access_key="secret",
).Table(name)

if action == "get":
    item = table.get_item(Key={"date": "2026-11-20", "audio_id": "a"})["Item"]
    print(json.dumps(item, sort_keys=True, default=lambda number: {"Decimal": str(number)}))
else:
    table.put_item(
        Item={
            "date": "2026-11-20",
            "audio_id": "b",
            "s3_url": "https://bucket.example/b.wav?X-Amz-Signature=2",
            "text": "Grüße 🎵",
            "voice_id": "de",
            "duration": Decimal("2.345"),
            "ttl": 1795275000,
        }
    )
