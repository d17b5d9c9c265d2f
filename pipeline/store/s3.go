package store

import (
	"context"
	"errors"
)

// S3Options says how to reach a bucket. Credentials come from where every AWS
// tool looks for them: environment, shared files, web identity, instance.
type S3Options struct {
	Endpoint   string // URL of an S3-compatible server; empty: AWS
	Region     string // empty: from the environment or the shared configuration
	Profile    string // of the shared AWS configuration; empty: the default one
	PathStyle  bool   // http://host/bucket/key instead of http://bucket.host/key
	Encryption string // at rest: "" (the bucket's default), "AES256" or "aws:kms"
	KMSKey     string // key id or ARN for aws:kms; empty: the account's S3 key
}

func openS3(ctx context.Context, rest string, o S3Options) (Store, error) {
	return nil, errors.New("open store s3://" + rest + ": not supported yet")
}
