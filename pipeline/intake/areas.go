package intake

import (
	"context"
	"fmt"
	"io"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/reports/newmembers/area"
)

// Areas is what others publish about areas, as the configuration names it.
type Areas struct {
	Population *area.Population // nil: none
	Tables     []*area.Table
}

// ReadAreas reads the files of areas. asOf chooses the population's period, where its file
// has several.
func ReadAreas(ctx context.Context, c *config.Config, asOf time.Time) (Areas, error) {
	var a Areas
	o := c.Outputs.NewMembers
	if p := o.Population; p.File != "" {
		err := readArea(ctx, c, p.File, func(r io.Reader) (err error) {
			a.Population, err = area.ReadPopulation(r, p.On.Time, asOf)
			return err
		})
		if err != nil {
			return a, err
		}
	}
	for _, given := range o.Areas {
		t := &area.Table{Name: given.Name, Title: given.Title, Source: given.Source}
		if t.Title == "" {
			t.Title = given.Name
		}
		for _, h := range given.Columns {
			t.Columns = append(t.Columns, area.Column{Heading: h.Heading, Title: h.Title})
		}
		if err := readArea(ctx, c, given.File, func(r io.Reader) error { return t.Read(r, given.Key) }); err != nil {
			return a, err
		}
		if p := given.Postcodes; p.File != "" {
			if err := readArea(ctx, c, p.File, func(r io.Reader) error { return t.Place(r, p.PC4, p.Area) }); err != nil {
				return a, err
			}
		}
		a.Tables = append(a.Tables, t)
	}
	return a, nil
}

func readArea(ctx context.Context, c *config.Config, file string, read func(io.Reader) error) error {
	f, err := openInput(ctx, c.S3, c.Path(file))
	if err == nil {
		defer f.Close()
		err = read(f)
	}
	if err != nil {
		return exit.With(exit.Source, fmt.Errorf("read %s, named under outputs.new-members: %w", file, err))
	}
	return nil
}

// areaFiles are the files that readAreas reads.
func areaFiles(c *config.Config) []string {
	var files []string
	o := c.Outputs.NewMembers
	if o == nil {
		return nil
	}
	if o.Population.File != "" {
		files = append(files, c.Path(o.Population.File))
	}
	for _, a := range o.Areas {
		files = append(files, c.Path(a.File))
		if a.Postcodes.File != "" {
			files = append(files, c.Path(a.Postcodes.File))
		}
	}
	return files
}
