"""AWS as smtop reads it: the only package that knows aioboto3 and botocore."""
