package definition

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// checkAWS checks what a table of keys cannot say of an action of AWS: which keys
// need each other, and which name artifacts.
func (r *reader) checkAWS(n *node, a pipeline.Action) {
	c := awsChecker{r, n.get("configuration"), n, a}
	switch a.Type.Provider {
	case "CodeBuild":
		c.codeBuild()
	case "CloudFormation":
		c.cloudFormation()
	case "CloudFormationStackSet":
		c.artifactFile("TemplatePath")
	case "S3":
		if a.Type.Category == pipeline.CategoryDeploy && a.Configuration["Extract"] == "false" {
			c.needs("ObjectKey", "Extract is false")
		}
	case "CodeDeployToECS":
		c.artifact("TaskDefinitionTemplateArtifact")
		c.artifact("AppSpecTemplateArtifact")
		for _, i := range []string{"1", "2", "3", "4"} {
			c.artifact("Image" + i + "ArtifactName")
			if c.has("Image"+i+"ArtifactName") != c.has("Image"+i+"ContainerName") {
				c.r.bad(c.holder(), "", "Image%sArtifactName and Image%sContainerName need each other", i, i)
			}
		}
	case "ECS":
		if s := a.Configuration["DeploymentTimeout"]; s != "" {
			if minutes, err := strconv.Atoi(s); err == nil && (minutes < 1 || minutes > 60) {
				c.r.bad(c.configuration.get("DeploymentTimeout"), "", "must be 1 to 60 minutes")
			}
		}
	case "EKS":
		c.eks()
	case "ServiceCatalog":
		if c.has("ConfigurationFilePath") == c.has("TemplateFilePath") {
			c.r.bad(c.holder(), "", "ServiceCatalog needs ConfigurationFilePath or TemplateFilePath, one of the two")
		} else if c.has("TemplateFilePath") {
			c.needs("ProductType", "there is a TemplateFilePath")
			c.needs("ProductVersionName", "there is a TemplateFilePath")
		}
	case "Lambda":
		if a.Type.Category == pipeline.CategoryDeploy && len(a.InputArtifacts) == 0 {
			c.needs("PublishedTargetVersion", "there is no input artifact")
		}
	case "InspectorScan":
		if a.Configuration["InspectorRunMode"] == "ECRImageScan" {
			c.needs("ECRRepositoryName", "an image is scanned")
		} else if len(a.InputArtifacts) == 0 && c.has("InspectorRunMode") {
			c.r.bad(c.action, "", "InspectorScan needs an input artifact to scan source code")
		}
	case "CodePipeline":
		c.json("SourceRevisions")
		c.json("Variables")
	case "CodeStarSourceConnection":
		if s := a.Configuration["FullRepositoryId"]; s != "" && strings.Count(strings.Trim(s, "/"), "/") < 1 {
			c.r.bad(c.configuration.get("FullRepositoryId"), "write owner/name", "%s has no owner", quote(s))
		}
	}
	if region := n.get("region"); region != nil && r.region != "" && region.text != r.region && (a.Type.Category == pipeline.CategorySource || a.Type.Owner != defaultOwner) {
		c.r.bad(region, "remove it", "the pipeline is in %s, and a Source, or an action of the owner ThirdParty or Custom, cannot be in another region", quote(r.region))
	}
}

// awsChecker looks at one action.
type awsChecker struct {
	r                     *reader
	configuration, action *node
	a                     pipeline.Action
}

// holder is where a mistake of the configuration as a whole is shown.
func (c awsChecker) holder() *node {
	if c.configuration != nil {
		return c.configuration
	}
	return c.action
}

func (c awsChecker) has(key string) bool { return c.configuration.get(key) != nil }

// needs reports a key that is missing because of another.
func (c awsChecker) needs(key, why string) {
	if !c.has(key) {
		c.r.bad(c.holder(), "", "%s needs %s, because %s", c.a.Type.Provider, key, why)
	}
}

// artifact checks that a key names an input artifact.
func (c awsChecker) artifact(key string) {
	s, v := c.a.Configuration[key], c.configuration.get(key)
	if v == nil || s == "" || len(pipeline.References(s)) > 0 || slices.Contains(c.a.InputArtifacts, s) {
		return
	}
	c.r.bad(v, "name it in `inputArtifacts`", "%s is not an input artifact of this action", quote(s))
}

// artifactFile checks Artifact::file.
func (c awsChecker) artifactFile(key string) {
	s, v := c.a.Configuration[key], c.configuration.get(key)
	if v == nil || s == "" || len(pipeline.References(s)) > 0 {
		return
	}
	name, file, ok := strings.Cut(s, "::")
	switch {
	case !ok || file == "":
		c.r.bad(v, "write Artifact::file", "%s names no file of an artifact", quote(s))
	case !slices.Contains(c.a.InputArtifacts, name):
		c.r.bad(v, "name it in `inputArtifacts`", "%s is not an input artifact of this action", quote(name))
	}
}

// json checks that a value is JSON. What references put into it is not known yet.
func (c awsChecker) json(key string) {
	s, v := c.a.Configuration[key], c.configuration.get(key)
	if v != nil && s != "" && !json.Valid([]byte(withoutReferences(s, "0"))) {
		c.r.bad(v, "", "is not JSON")
	}
}

func (c awsChecker) codeBuild() {
	if len(c.a.InputArtifacts) > 1 {
		c.needs("PrimarySource", "there are several input artifacts")
	}
	c.artifact("PrimarySource")
	if c.a.Configuration["CombineArtifacts"] == "true" && c.a.Configuration["BatchEnabled"] != "true" {
		c.needs("BatchEnabled", "CombineArtifacts is true")
	}
	c.json("EnvironmentVariables")
}

func (c awsChecker) cloudFormation() {
	mode := c.a.Configuration["ActionMode"]
	if strings.HasPrefix(mode, "CHANGE_SET_") {
		c.needs("ChangeSetName", "ActionMode is "+mode)
	}
	if mode == "CREATE_UPDATE" || mode == "REPLACE_ON_FAILURE" || mode == "CHANGE_SET_REPLACE" {
		c.needs("TemplatePath", "ActionMode is "+mode)
	}
	c.artifactFile("TemplatePath")
	c.artifactFile("TemplateConfiguration")
	c.json("ParameterOverrides")
}

func (c awsChecker) eks() {
	helm := c.has("HelmReleaseName") || c.has("HelmChartLocation")
	switch {
	case helm && c.has("ManifestFiles"):
		c.r.bad(c.holder(), "", "EKS deploys with Helm or with ManifestFiles, not with both")
	case helm:
		c.needs("HelmReleaseName", "it deploys with Helm")
		c.needs("HelmChartLocation", "it deploys with Helm")
	case !c.has("ManifestFiles"):
		c.r.bad(c.holder(), "", "EKS needs HelmReleaseName and HelmChartLocation, or ManifestFiles")
	}
}
