package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
)

// S3Options says how to reach a bucket. Credentials come from where every AWS
// tool looks for them: environment, shared files, web identity, instance. They
// must allow s3:ListBucket, and under the prefix s3:GetObject, s3:PutObject,
// s3:DeleteObject and s3:AbortMultipartUpload. s3:ListBucketMultipartUploads
// lets Lock drop the parts of large uploads that a dead run left.
//
// The server must honour conditional writes; Lock refuses one that does not. A
// bucket that keeps versions keeps what Peil deletes, until a lifecycle rule
// expires it.
type S3Options struct {
	Endpoint   string // URL of an S3-compatible server; empty: AWS
	Region     string // empty: from the environment or the shared configuration
	Profile    string // of the shared AWS configuration; empty: the default one
	PathStyle  bool   // http://host/bucket/key instead of http://bucket.host/key
	Encryption string // at rest: "" (the bucket's default), "AES256" or "aws:kms"
	KMSKey     string // key id or ARN for aws:kms; empty: the account's S3 key
}

// Two parts of 8 MiB under way and one being filled bound a writer's memory, and
// 10,000 parts an object to 80 GB.
const (
	partSize    = 8 << 20
	partsAtOnce = 2
)

// s3Store is a store under a prefix of a bucket, which belongs to it alone.
type s3Store struct {
	client    *s3.Client
	transfers *transfermanager.Client
	bucket    string
	prefix    string // empty, or ends with a slash
	opts      S3Options
	expiry    time.Duration // of the lock, unless renewed

	mu   sync.Mutex
	lock *Lock
}

// An access point's address, which may lead into another region, is no name of a bucket.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// openS3 opens the store at location, which is what follows s3://.
func openS3(ctx context.Context, location string, opts S3Options) (Store, error) {
	s, err := newS3Store(ctx, location, opts)
	if err != nil {
		return nil, fmt.Errorf("open store s3://%s: %w", location, err)
	}
	return s, nil
}

func newS3Store(ctx context.Context, location string, opts S3Options) (*s3Store, error) {
	bucket, prefix, _ := strings.Cut(strings.TrimSuffix(location, "/"), "/")
	if bucket == "" {
		return nil, errors.New("no bucket given")
	}
	if !bucketName.MatchString(bucket) {
		return nil, errors.New("this is no name of a bucket: it has 3 to 63 small letters, digits, hyphens and dots")
	}
	if prefix != "" {
		if err := checkName(prefix); err != nil {
			return nil, fmt.Errorf("prefix: %w", err)
		}
		prefix += "/"
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithRegion(opts.Region), config.WithSharedConfigProfile(opts.Profile),
		config.WithHTTPClient(impatientClient()), config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, err
	}
	if cfg.Region == "" {
		if opts.Endpoint == "" {
			return nil, errors.New("no region: configure one, or set AWS_REGION")
		}
		cfg.Region = "us-east-1" // part of the signature, of no other meaning there
	}
	if cfg.RetryMaxAttempts == 0 {
		cfg.RetryMaxAttempts = 8 // half a minute: nobody is there at night to try again
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		if opts.Endpoint != "" {
			o.BaseEndpoint = aws.String(opts.Endpoint)
		}
		o.UsePathStyle = opts.PathStyle
		o.HTTPClient = staying{o.HTTPClient}
		o.DisableLogOutputChecksumValidationSkipped = true
		// What S3 answers to one of two conditional writes at once.
		o.Retryer = retry.AddWithErrorCodes(o.Retryer, "ConditionalRequestConflict")
	})
	transfers := transfermanager.New(client, func(o *transfermanager.Options) {
		o.PartSizeBytes = partSize
		o.MultipartUploadThreshold = partSize
		o.Concurrency = partsAtOnce
		o.FailTimeout = 10 * time.Second // to abort an upload after the context has ended
	})
	return &s3Store{
		client: client, transfers: transfers, bucket: bucket, prefix: prefix, opts: opts, expiry: lockExpiry,
	}, nil
}

// impatientClient is the SDK's HTTP client, except that a server that does not
// answer at all is an error, which is tried again.
func impatientClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.ResponseHeaderTimeout = 2 * time.Minute
		refuseRedirects(t)
	})
}

func (o S3Options) check() error {
	switch o.Encryption {
	case "", string(types.ServerSideEncryptionAes256):
		if o.KMSKey != "" {
			return errors.New("a KMS key needs encryption aws:kms")
		}
	case string(types.ServerSideEncryptionAwsKms):
	default:
		return fmt.Errorf("encryption %q is not supported: use AES256 or aws:kms", o.Encryption)
	}
	return nil
}

func (o S3Options) kmsKey() *string {
	if o.KMSKey == "" {
		return nil
	}
	return aws.String(o.KMSKey)
}

func (s *s3Store) Location() string {
	return "s3://" + s.bucket + "/" + strings.TrimSuffix(s.prefix, "/")
}

func (s *s3Store) Close() error { return nil }

func (s *s3Store) errorf(verb, name string, err error) error {
	return fmt.Errorf("%s %s in store %s: %w", verb, name, s.Location(), err)
}

// key returns the key of a name, checked or the store's own.
func (s *s3Store) key(name string) *string { return aws.String(s.prefix + name) }

func (s *s3Store) Stat(ctx context.Context, name string) (Info, error) {
	if err := checkName(name); err != nil {
		return Info{}, s.errorf("stat", name, err)
	}
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: s.key(name)})
	if err != nil {
		return Info{}, s.errorf("stat", name, s3Error(err))
	}
	return Info{Name: name, Size: aws.ToInt64(out.ContentLength), Modified: aws.ToTime(out.LastModified)}, nil
}

func (s *s3Store) List(ctx context.Context, folder string) ([]Info, error) {
	if err := checkFolder(folder); err != nil {
		return nil, s.errorf("list", folder, err)
	}
	all, err := s.list(ctx, folder)
	if err != nil {
		return nil, s.errorf("list", cmp.Or(folder, "everything"), err)
	}
	objects := all[:0]
	for _, o := range all {
		// The store's own, and what others put beside it, such as the empty
		// "folders" that browsers make.
		if checkName(o.Name) == nil {
			objects = append(objects, o)
		}
	}
	return objects, nil
}

// list returns all that is below a folder, the store's own objects included, in
// the order of S3, which is that of the names' bytes.
func (s *s3Store) list(ctx context.Context, folder string) ([]Info, error) {
	prefix := s.prefix
	if folder != "" {
		prefix += folder + "/"
	}
	var objects []Info
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s3Error(err)
		}
		for _, o := range page.Contents {
			name := strings.TrimPrefix(aws.ToString(o.Key), s.prefix)
			objects = append(objects, Info{Name: name, Size: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified)})
		}
	}
	return objects, nil
}

func (s *s3Store) Remove(ctx context.Context, name string) error {
	err := checkName(name)
	if err == nil {
		err = s.remove(ctx, name)
	}
	if err != nil {
		return s.errorf("remove", name, err)
	}
	return nil
}

func (s *s3Store) remove(ctx context.Context, name string) error {
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: s.key(name)})
	return s3Error(err)
}

// s3Error says in few words what the server answered, and makes the answers
// that callers must tell apart match the errors of io/fs.
func s3Error(err error) error {
	var answer smithy.APIError
	if !errors.As(err, &answer) {
		return err
	}
	switch answer.ErrorCode() {
	case "NoSuchKey", "NotFound":
		return fs.ErrNotExist
	case "PreconditionFailed":
		return fs.ErrExist
	}
	verb := "S3"
	if op := (*smithy.OperationError)(nil); errors.As(err, &op) {
		verb = op.Operation()
	}
	said := fmt.Sprintf("%s: %s: %s", verb, answer.ErrorCode(), answer.ErrorMessage())
	if isAnswer(err, "AccessDenied", "Forbidden") {
		return &deniedError{said}
	}
	return errors.New(said)
}

// deniedError is an answer that matches fs.ErrPermission.
type deniedError struct{ said string }

func (e *deniedError) Error() string { return e.said }
func (e *deniedError) Unwrap() error { return fs.ErrPermission }

// isAnswer reports whether err is one of these answers of the server.
func isAnswer(err error, codes ...string) bool {
	var answer smithy.APIError
	return errors.As(err, &answer) && slices.Contains(codes, answer.ErrorCode())
}

func (s *s3Store) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := checkName(name); err != nil {
		return nil, s.errorf("open", name, err)
	}
	r, err := s.open(ctx, name)
	if err != nil {
		return nil, s.errorf("open", name, err)
	}
	return r, nil
}
